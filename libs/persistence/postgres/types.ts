import { types, type CustomTypesConfig } from 'pg';

/** `bigint`, which all whole numbers of ours are there. The driver gives it as text: it may be too large for a number. */
const BIGINT: number = types.builtins.INT8;

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`the database has a number that is too large: ${text}`);
  return number;
}

/** How the driver reads values. Ours alone: others in this process use the driver, too. */
export const TYPES: CustomTypesConfig = {
  getTypeParser: (...[oid, format]: Parameters<typeof types.getTypeParser>): unknown =>
    (oid as number) === BIGINT ? wholeNumber : (types.getTypeParser(oid, format) as unknown),
};
