export class Many {
  constructor( // breaks: @typescript-eslint/max-params
    readonly a: string,
    readonly b: string,
    readonly c: string,
    readonly d: string,
    readonly e: string,
    readonly f: string,
  ) {}
}

export function deep(a: number[][][][]): number {
  let sum = 0;
  for (const b of a) {
    for (const c of b) {
      for (const d of c) {
        for (const e of d) sum += e; // breaks: max-depth
      }
    }
  }
  return sum;
}

export function branchy(x: number): string { // breaks: complexity
  if (x === 1) return 'a';
  if (x === 2) return 'b';
  if (x === 3) return 'c';
  if (x === 4) return 'd';
  if (x === 5) return 'e';
  if (x === 6) return 'f';
  if (x === 7) return 'g';
  if (x === 8) return 'h';
  if (x === 9) return 'i';
  if (x === 10) return 'j';
  return 'k';
}

export const later = 1; // TODO breaks: no-warning-comments
export function long(): number { // breaks: max-lines-per-function
  let n = 0;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  n += 1;
  return n;
}
