import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { provide, provideClass, token } from './provider.js';

const NAME = token<string>('Name');
const COUNT = token<number>('Count');

class Greeting {
  constructor(
    private readonly name: string,
    private readonly count: number,
  ) {}

  get text(): string {
    return `Hello ${this.name}! `.repeat(this.count).trim();
  }
}

@Module({
  providers: [
    provide(NAME, [], () => 'box'),
    provide(COUNT, [NAME], async (name) => name.length - 1),
    provideClass(Greeting, [NAME, COUNT]),
  ],
})
class Greetings {}

describe('provide', () => {
  it('makes things of the parts that they name, in Nest', async () => {
    const module = await Test.createTestingModule({ imports: [Greetings] }).compile();
    expect(module.get(Greeting, { strict: false }).text).toBe('Hello box! Hello box!');
    await module.close();
  });

  it('does not compile when a part does not fit', () => {
    const refused = [
      // @ts-expect-error -- the parts stand in the wrong order
      provideClass(Greeting, [COUNT, NAME]),
      // @ts-expect-error -- a part is missing
      provideClass(Greeting, [NAME]),
      // @ts-expect-error -- a number is made where a text is promised
      provide(NAME, [COUNT], (count) => count),
      // @ts-expect-error -- a symbol of no type is no text
      provide(NAME, [Symbol('Name')], (name) => name),
    ];
    expect(refused.map(({ inject }) => inject.length)).toEqual([2, 1, 1, 1]); // the compiler alone refuses
  });
});
