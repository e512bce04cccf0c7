it.only('is the one', () => undefined); // breaks: no-restricted-syntax
it.skip('is for later', () => undefined); // breaks: no-restricted-syntax
describe.skip('is for later', () => undefined); // breaks: no-restricted-syntax
it.todo('is promised'); // breaks: no-restricted-syntax
test.failing('is wrong', () => undefined); // breaks: no-restricted-syntax
it.skip.each([1])('is for later', () => undefined); // breaks: no-restricted-syntax
fit('is the one', () => undefined); // breaks: no-restricted-syntax
xit('is for later', () => undefined); // breaks: no-restricted-syntax
xdescribe('is for later', () => undefined); // breaks: no-restricted-syntax
