/** A handle that `await using` closes: `[Symbol.asyncDispose]` beside its own `close`. */
export function disposable<T extends object>(handle: T & { close?(): Promise<void> }): T & AsyncDisposable {
  return Object.assign(handle, {
    async [Symbol.asyncDispose]() {
      await handle.close?.();
    },
  });
}
