/** Name of our terminal profile, as package.json contributes it. */
export const terminalProfile = "IPCloud";

/** What a `.code-workspace` file says, as far as we write it. */
export interface WorkspaceContent {
  readonly folders: readonly { readonly name: string; readonly uri: string }[];
  readonly settings: Readonly<Record<string, string | boolean>>;
}

/**
 * A workspace that opens the drive. Its settings are for what takes the drive's paths for those of
 * this computer: a terminal would begin in the machine's own `/`, and Git offers to make a repository
 * there. Without Git and local history, which keeps nothing of the drive, the editor has no timeline
 * of its own beside ours, always empty here.
 * @param name - what the Explorer calls the drive.
 * @param home - the person's own folder on this computer.
 */
export function workspaceContent(name: string, home: string): WorkspaceContent {
  return {
    folders: [{ name, uri: "ipcloud:/" }],
    settings: {
      "git.enabled": false,
      "workbench.localHistory.enabled": false,
      "terminal.integrated.cwd": home,
      "terminal.integrated.defaultProfile.linux": terminalProfile,
      "terminal.integrated.defaultProfile.osx": terminalProfile,
      "terminal.integrated.defaultProfile.windows": terminalProfile,
    },
  };
}

/**
 * The content of a workspace file that an earlier version made, with the settings that it lacked; what
 * the person has changed stays.
 * @returns `undefined` where there is nothing to add.
 */
export function withSettings(
  text: string,
  { settings }: Pick<WorkspaceContent, "settings">,
): object | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    // With comments in it, so it is somebody's own by now.
    return undefined;
  }
  if (typeof read !== "object" || read === null || "settings" in read) return undefined;
  return { ...read, settings };
}
