import fc from "fast-check";
import { expect, it, describe as suite } from "vitest";
import { describe, FEATURE_FIELDS, TRAIT_FIELDS, type Trait, type TraitField } from "./features.js";

function told(traits: Readonly<Partial<Record<TraitField, string>>>, region = "GB"): Record<string, string> {
  const given = Object.entries(traits).map(([field, value]) => ({ field: field as TraitField, value }));
  return Object.fromEntries(describe(given, region).map(({ field, value }) => [field, value]));
}

suite("describe", () => {
  it("folds everything a record says", () => {
    expect(
      told({
        full_name: "Dr. Müge Arslanoğlu",
        birth_date: "02.03.1999",
        gender: "Kadın",
        email: "muge.a7+campus@school.example",
        phone: "+905321234567",
        address: "Atatürk Caddesi No: 12",
        postcode: "34 000",
        city: "İstanbul",
        country: "Türkiye",
        institution: "Boğaziçi Üniversitesi",
        national_id: "123-456 789 01",
        birth_place: "İzmir",
        occupation: "Öğretmen",
      }),
    ).toEqual({
      given_name: "muge",
      given_sound: "mg",
      family_name: "arslanoglu",
      family_sound: "arslngl",
      name_bag: "arslanoglu muge",
      birth_date: "1999-03-02",
      gender: "f",
      email: "muge.a7+campus@school.example",
      email_user: "mugea",
      phone: "+905321234567",
      address: "ataturk cad 12",
      postcode: "34000",
      city: "istanbul",
      institution: "bogazici universitesi",
      national_id: "12345678901",
      birth_place: "izmir",
      occupation: "ogretmen",
    });
  });

  it("keeps the year where no more of a birth date is told", () => {
    expect(told({ birth_date: "1999" })).toEqual({ birth_year: "1999" });
    expect(told({ birth_date: "1999-00-00" })).toEqual({ birth_year: "1999" });
    expect(["1900", "1789", "199", "1999-13-01", "99"].map((birth_date) => told({ birth_date }))).toEqual([
      {},
      {},
      {},
      {},
      {},
    ]);
  });

  it("tells that the mailbox names another", () => {
    const tom = { first_name: "Tom", last_name: "Nowak" };
    const lent = told({ ...tom, email: "maria.nowak@post.example", phone: "+442071838750" });
    expect(lent).toMatchObject({ given_name: "tom", contact_of: "another" });
    expect(Object.keys(lent).filter((field) => /email|phone/.test(field))).toEqual([]);
    expect(told({ ...tom, email: "tom.nowak@post.example" })).not.toHaveProperty("contact_of");
    expect(told({ email: "maria.nowak@post.example" })).not.toHaveProperty("contact_of");
  });

  it("takes the country's way round before the region's", () => {
    expect(told({ birth_date: "02/03/1999", country: "United States" })).toEqual({ birth_date: "1999-02-03" });
    expect(told({ birth_date: "02/03/1999" }, "us")).toEqual({ birth_date: "1999-02-03" });
    expect(told({ full_name: "Ana García Ruiz", country: "Mexico" })).toMatchObject({ family_name: "garciaruiz" });
  });

  it("takes the first trait of a field", () => {
    const traits: Trait[] = [
      { field: "city", value: " " },
      { field: "city", value: "York" },
      { field: "city", value: "Leeds" },
    ];
    expect(describe(traits, "GB")).toEqual([{ field: "city", value: "york" }]);
  });

  it.each<[string, Partial<Record<TraitField, string>>]>([
    ["an admissions office", { email: "admissions@campus.example" }],
    ["a mailbox of test", { email: "test@campus.example" }],
    ["a number that is none", { phone: "+440000000000" }],
    ["another gender", { gender: "prefer not to say" }],
    ["an id of zeros", { national_id: "000-00-0000" }],
    ["a placeholder's city", { city: "N/A" }],
    ["a country alone", { country: "GB" }],
    ["nothing", {}],
  ])("says nothing of %s", (_, traits) => {
    expect(told(traits)).toEqual({});
  });

  it("finds no user in an address of digits or two letters", () => {
    expect(told({ email: "1234@campus.example" })).toEqual({ email: "1234@campus.example" });
    expect(told({ email: "ab12@campus.example" })).toEqual({ email: "ab12@campus.example" });
  });

  const trait = fc.record({
    field: fc.constantFrom(...TRAIT_FIELDS),
    value: fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })),
  });

  it("never throws, says each field once, never an empty value, and names in letters a to z", () => {
    fc.assert(
      fc.property(fc.array(trait, { maxLength: 8 }), (traits) => {
        const features = describe(traits, "IN");
        expect(new Set(features.map(({ field }) => field)).size).toBe(features.length);
        for (const { field, value } of features) {
          expect(FEATURE_FIELDS).toContain(field);
          expect(value).not.toBe("");
          if (/^(given_|family_)(name|sound)$/.test(field)) expect(value).toMatch(/^[a-z]+$/);
        }
      }),
    );
  });

  it("folds what is folded to itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (city, address) => {
        const once = told({ city, address });
        expect(told(once)).toEqual(once);
      }),
    );
  });
});
