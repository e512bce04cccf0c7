import { DataSource } from 'typeorm';
import pino from 'pino';

export const localDisk = [DataSource, pino];
