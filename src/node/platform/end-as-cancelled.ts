/**
 * Ends this process at once as Ctrl-C ends one that has no say in it, which shells show as 130. Node's
 * own `process.exit` would wait for a call to a disk that doesn't answer.
 */
export function endAsCancelled(): void {
  process.exitCode = 130;
  if (process.platform !== "win32") {
    process.removeAllListeners("SIGINT");
    process.kill(process.pid, "SIGINT");
  }
  setTimeout(() => process.exit(), 100);
}
