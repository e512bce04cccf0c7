/** What of a request decides how its file gets to the client. */
export interface AskedFor {
  readonly method: string;
  /** As Node has them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}
