import { localDisk } from '#libs/storage/adapters/local-disk.js'; // breaks: adapters-of-other-libs

export const seen = localDisk;
