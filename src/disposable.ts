/** A handle that is closed once, by `close` or at the end of an `await using`. */
export type Closing<T> = T & AsyncDisposable & { close(): Promise<void> };

/** Makes a handle, whose `close` may be missing, one for `await using`; a second close does nothing. */
export function closing<T extends object>(one: T): Closing<T> {
  let closed: Promise<void> | undefined;
  const own = (one as { close?(): Promise<void> }).close?.bind(one);
  const close = () => {
    closed ??= own?.() ?? Promise.resolve();
    return closed;
  };
  return Object.assign(one, { close, [Symbol.asyncDispose]: close });
}
