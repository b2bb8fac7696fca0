/** What goes wrong with a request to the test server. */
export interface Fault {
  /**
   * `die`: the server exits; `reset`: the connection is cut; `hang`: no answer ever; `status`: an error status; `garbage`: status 200 and
   * no JSON; `truncated`: the connection ends within the body; `empty`: no choices; `wrong`: JSON of another shape.
   */
  kind: 'die' | 'reset' | 'hang' | 'status' | 'garbage' | 'truncated' | 'empty' | 'wrong';
  /** The first completion request that it befalls, counted from 0 since these faults were set. */
  from: number;
  /** How many requests it befalls; 1 unless given. */
  times?: number;
  /** Of them only every n-th. */
  every?: number;
  /** For `status`; 500 unless given. */
  status?: number;
  /** Sent as Retry-After. */
  retryAfter?: string;
}

/** The fault of request number `n`, if one is due. */
export function faultOf(faults: readonly Fault[], n: number): Fault | undefined {
  return faults.find(
    ({ from, times = 1, every = 1 }) => n >= from && n < from + times * every && (n - from) % every === 0,
  );
}
