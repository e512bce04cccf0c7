import { describeDisk } from '../testing/disk.contract.js';
import { MemoryDisk } from './memory-disk.js';

describeDisk('MemoryDisk', () => Promise.resolve(new MemoryDisk()));
