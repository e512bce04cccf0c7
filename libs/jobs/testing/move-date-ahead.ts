const realNow = Date.now.bind(Date);

/** BullMQ knows no clock but the process's own: from now on that is so far ahead of the machine's. */
export function moveDateAhead(milliseconds: number): void {
  Date.now = () => realNow() + milliseconds;
}
