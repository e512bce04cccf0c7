import { sourceRefused } from '../local/source-failure.js';

interface Level {
  readonly folder: string;
  readonly names: Map<string, string>;
}

// eslint-disable-next-line no-control-regex -- no list, log or URL can carry them (trust T-35)
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** Finds names that only some file systems, or people, can tell apart (trust T-34), in paths that come in byte order. */
export class NameForms {
  private readonly levels: Level[] = [];

  /** @throws AppError `SOURCE_REFUSED` */
  add(path: string): void {
    if (CONTROL.test(path)) throw sourceRefused(path, 'has a control character in its name');
    let folder = '';
    for (const [depth, name] of path.split('/').entries()) {
      const { names } = this.level(depth, folder);
      const folded = name.normalize('NFC').toLowerCase();
      const other = names.get(folded) ?? name;
      if (other !== name) throw sourceRefused(path, `differs from "${other}" only in case or Unicode form`);
      names.set(folded, name);
      folder += `${name}/`;
    }
  }

  /** All below a folder comes in one piece, so one folder for each level is enough. */
  private level(depth: number, folder: string): Level {
    const level = this.levels[depth];
    if (level?.folder === folder) return level;
    const next = { folder, names: new Map<string, string>() };
    this.levels.splice(depth, Infinity, next);
    return next;
  }
}
