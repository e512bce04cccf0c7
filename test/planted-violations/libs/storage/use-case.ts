import { localDisk } from './adapters/local-disk.js'; // breaks: adapters-are-private

export const seen = localDisk;
