import { localDisk } from '#libs/storage/adapters/local-disk.js'; // breaks: adapters-are-private adapters-of-other-libs

export const seen = localDisk;
