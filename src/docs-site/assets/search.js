// @ts-check
/// <reference path="./site.d.ts" />

/** Search over models and columns: every word must occur; names outweigh descriptions, whole words outweigh parts. */
globalThis.RollcallSearch = (() => {
  const LIMIT = 40;
  /** A word that only the description has. */
  const IN_TEXT = 6;

  /** @param {SiteModel[]} models @returns {SearchEntry[]} */
  function createIndex(models) {
    return models.flatMap((model) => [
      {
        model: model.id,
        column: null,
        name: model.id.toLowerCase(),
        text: `${model.description} ${model.tags.join(" ")}`.toLowerCase(),
      },
      ...model.columns.map((column) => ({
        model: model.id,
        column: column.name,
        name: column.name.toLowerCase(),
        text: `${model.id} ${column.description}`.toLowerCase(),
      })),
    ]);
  }

  /** @param {SearchEntry[]} index @param {string} query @returns {SearchEntry[]} best first */
  function find(index, query) {
    const words = query.toLowerCase().split(/[\s]+/).filter(Boolean);
    if (words.length === 0) return [];
    return index
      .map((entry) => ({ entry, score: scoreOf(entry, words) }))
      .filter(({ score }) => score > 0)
      .sort(
        (a, b) =>
          b.score - a.score || a.entry.name.length - b.entry.name.length || (a.entry.model < b.entry.model ? -1 : 1),
      )
      .slice(0, LIMIT)
      .map(({ entry }) => entry);
  }

  /** @param {SearchEntry} entry @param {string[]} words */
  function scoreOf(entry, words) {
    /** @type {number[]} */
    const scores = words.map((word) => scoreWord(entry, word));
    const least = Math.min(...scores);
    if (least === 0) return 0;
    const score = scores.reduce((sum, one) => sum + one, 0) * (entry.column === null ? 1.5 : 1);
    return least === IN_TEXT ? score / 10 : score;
  }

  /** @param {SearchEntry} entry @param {string} word */
  function scoreWord({ model, column, name, text }, word) {
    const full = column === null ? name : `${model.toLowerCase()}.${name}`;
    if (name === word || full === word || name.endsWith(`.${word}`)) return 100;
    if (name.split(/[._]/).some((part) => part === word)) return 60;
    if (name.split(/[._]/).some((part) => part.startsWith(word))) return 40;
    if (full.includes(word)) return 20;
    return text.includes(word) ? IN_TEXT : 0;
  }

  return { createIndex, find };
})();
