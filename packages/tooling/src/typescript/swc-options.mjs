// One answer to "how is a TypeScript file compiled when it runs without tsc", for Jest and for plain Node.

/** Files of this name are compiled with standard ECMAScript decorators, all others with TypeScript's legacy ones. */
export const STANDARD_DECORATORS = /\.standard(\.test)?\.ts$/;

const legacy = { legacyDecorator: true, decoratorMetadata: true };
const standard = { legacyDecorator: false, decoratorVersion: '2023-11' };

/**
 * @param {'legacy' | 'standard'} dialect of the decorators
 * @returns {import('@swc/core').Options}
 */
export function swcOptions(dialect) {
  return {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: {
        .../** @type {object} */ (dialect === 'legacy' ? legacy : standard),
        useDefineForClassFields: true,
      },
      keepClassNames: true,
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
  };
}
