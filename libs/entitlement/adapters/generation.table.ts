import { EntitySchema, type EntityManager } from 'typeorm';

interface GenerationRow {
  name: string;
  value: number;
}

export const generationTable = new EntitySchema<GenerationRow>({
  name: 'generation',
  tableName: 'generations',
  columns: { name: { type: String, primary: true }, value: { type: Number } },
});

const NAME = 'entitlement';

export async function currentGeneration(manager: EntityManager): Promise<number> {
  const { value } = await manager.findOneByOrFail(generationTable, { name: NAME });
  return value;
}

/** In the transaction that makes answers in memory wrong, in any process. */
export async function beginGeneration(manager: EntityManager): Promise<void> {
  await manager.increment(generationTable, { name: NAME }, 'value', 1);
}
