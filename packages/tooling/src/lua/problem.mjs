/** What is wrong with one Lua file; the message begins with the place, `claim.lua:12`. */
export class LuaProblem extends Error {
  /**
   * @param {string} file name of the file, without its folder
   * @param {number} line counted from 1
   * @param {string} message what is wrong and what to do
   */
  constructor(file, line, message) {
    super(`${file}:${line}: ${message}`);
    this.name = 'LuaProblem';
  }
}
