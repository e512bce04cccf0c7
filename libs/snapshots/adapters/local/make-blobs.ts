import { type IngestedFile, type SourceFile } from '../../source/source.js';
import { type Breaths } from './breaths.js';
import { type Steps } from './ingest-file.js';

/** The way from files of this machine into blobs of a disk. */
export interface MakeBlobs {
  /** As `Source.ingest`. @param published the published folder, resolved */
  run(
    published: string,
    files: readonly SourceFile[],
    attempt: string,
    signal: AbortSignal,
  ): Promise<readonly IngestedFile[]>;
}

export async function toTheEnd<T>(steps: Steps<T>, breaths: Breaths): Promise<T> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await (step.value ?? breaths.take());
    }
  } finally {
    steps.return(undefined as T); // closes what it has open, when we leave early
  }
}
