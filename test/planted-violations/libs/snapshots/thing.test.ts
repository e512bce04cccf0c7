import { localDisk } from '#libs/storage/adapters/local-disk.js';
import { fake } from './testing/fake.js';

export const seen = [localDisk, fake];
