/**
 * Field names that tell of a person, for fields no contract speaks of. Open objects fail closed: a field with such a
 * name is personal, whatever it holds. A contract that names the field decides for itself.
 */
const PERSONAL_WORDS: ReadonlySet<string> = new Set([
  "aadhaar",
  "address",
  "addresses",
  "avatar",
  "birth",
  "birthdate",
  "birthday",
  "birthplace",
  "cell",
  "cellphone",
  "disability",
  "dob",
  "email",
  "emails",
  "ethnicity",
  "fax",
  "firstname",
  "forename",
  "fullname",
  "gender",
  "geolocation",
  "iban",
  "ip",
  "ipaddress",
  "lastname",
  "lat",
  "latitude",
  "lng",
  "lon",
  "longitude",
  "maiden",
  "middlename",
  "mobilephone",
  "msisdn",
  "nickname",
  "nino",
  "nric",
  "passport",
  "passwd",
  "password",
  "phone",
  "phones",
  "photo",
  "postal",
  "postcode",
  "religion",
  "salutation",
  "secret",
  "sex",
  "signature",
  "ssn",
  "street",
  "surname",
  "telephone",
  "token",
  "username",
  "whatsapp",
  "zip",
  "zipcode",
]);

/**
 * Two words that tell of a person only together: `course_name` is no secret, `first_name` is.
 * A map: a field may be called `constructor`, which every object has.
 */
const PERSONAL_PAIRS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    name: new Set([
      "applicant",
      "child",
      "contact",
      "customer",
      "display",
      "family",
      "father",
      "first",
      "full",
      "given",
      "guardian",
      "instructor",
      "last",
      "learner",
      "legal",
      "middle",
      "mother",
      "parent",
      "person",
      "preferred",
      "screen",
      "second",
      "student",
      "teacher",
      "tutor",
      "user",
    ]),
    id: new Set(["government", "national", "student", "tax", "user"]),
    number: new Set(["account", "card", "contact", "mobile", "national", "student", "whatsapp"]),
    mail: new Set(["e"]),
  }),
);

/** Longest name worth taking apart; nobody names a field like that, so it fails closed. */
const MAX_NAME_LENGTH = 128;
const CAMEL_BOUNDARY = /([a-z0-9])([A-Z])/g;
const WORD = /[a-z]+/g;

const known = new Map<string, boolean>();
/** The memory of names is bounded: keys come from outside. */
const MAX_KNOWN = 10_000;

export function looksPersonal(name: string): boolean {
  const seen = known.get(name);
  if (seen !== undefined) return seen;
  const result = tellsOfAPerson(name);
  if (known.size < MAX_KNOWN && name.length <= MAX_NAME_LENGTH) known.set(name, result);
  return result;
}

function tellsOfAPerson(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH || name.includes("@")) return true;
  const words = name.replace(CAMEL_BOUNDARY, "$1_$2").toLowerCase().match(WORD) ?? [];
  return words.some(
    (word, n) => PERSONAL_WORDS.has(word) || PERSONAL_PAIRS.get(word)?.has(words[n - 1] ?? "") === true,
  );
}
