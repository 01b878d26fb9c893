import { Argument } from "commander";
import { type DefineCommand, newCommand } from "../define-command.ts";

/**
 * What each shell runs: it asks `ipcloud complete` about the words typed so far, the last being the
 * one to complete, and falls back to its own file names where that says nothing.
 */
const scripts = {
  bash: `_ipcloud() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    ipcloud complete -- "\${words[@]//\\\\/}" 2>/dev/null
  )
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
  if [[ \${#COMPREPLY[@]} -gt 0 && $cur != -* ]]; then compopt -o filenames; fi
}
complete -o default -F _ipcloud ipcloud`,
  zsh: `#compdef ipcloud
_ipcloud() {
  local -a found
  found=("\${(@f)$(ipcloud complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files; return; fi
  compadd -S '' -- "\${(@M)found:#*/}"
  compadd -- "\${(@)found:#*/}"
}
if [[ "\${funcstack[1]}" == _ipcloud ]]; then _ipcloud "$@"; else compdef _ipcloud ipcloud; fi`,
  fish: `function __ipcloud_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found (ipcloud complete -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ipcloud -f -a '(__ipcloud_complete)'`,
} as const;

type Shell = keyof typeof scripts;

/** `ipcloud completion`: the script that completes commands, options and paths of the drive. */
export const defineCompletion: DefineCommand = (session) =>
  newCommand("completion", "Print a script that completes commands and paths in your shell", [
    ["ipcloud completion bash >> ~/.bashrc", "for bash"],
    ["ipcloud completion zsh > ~/.zfunc/_ipcloud", "for zsh, in a folder of its $fpath"],
    ["ipcloud completion fish > ~/.config/fish/completions/ipcloud.fish", "for fish"],
  ])
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(scripts)))
    .action(async (shell: Shell) => {
      await session.output.result({ shell, script: scripts[shell] }, () => [scripts[shell]]);
    });
