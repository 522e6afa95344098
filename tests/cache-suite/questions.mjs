// Prints which questions the suite in the folder of the first argument asks of a proxy.
const suite = process.argv[2]
const load = async file => (await import(`${suite}/tests/${file}.mjs`)).default
const sections = [...await load('index'), await load('surrogate-control')]
const questions = sections.flatMap(section => section.tests
  .filter(test => !test.browser_only)
  .map(({ id, kind, depends_on }) => ({ id, section: section.id, kind, depends_on })))
console.log(JSON.stringify(questions))
