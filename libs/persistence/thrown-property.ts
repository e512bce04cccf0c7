/**
 * A property of something that was thrown. Errors of the system and of native modules are not always instances of this
 * context's `Error`, so they are told by what they carry.
 */
export const thrownProperty = (thrown: unknown, name: string): unknown =>
  typeof thrown === 'object' && thrown !== null ? (thrown as Readonly<Record<string, unknown>>)[name] : undefined;
