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

/** What people write into: as the last word of a name. `message_id` and `note_count` are not written by anybody. */
const WRITTEN_WORDS: ReadonlySet<string> = new Set([
  "answer",
  "answers",
  "bio",
  "body",
  "comment",
  "comments",
  "description",
  "feedback",
  "message",
  "messages",
  "note",
  "notes",
  "question",
  "questions",
  "remark",
  "remarks",
  "reply",
  "testimonial",
  "text",
]);
/** Whose text is the institution's own: `course_description`. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  "button",
  "campaign",
  "course",
  "error",
  "lesson",
  "link",
  "meta",
  "module",
  "page",
  "product",
  "programme",
  "video",
]);

/** Longest name worth taking apart; nobody names a field like that, so it fails closed. */
const MAX_NAME_LENGTH = 128;
const CAMEL_BOUNDARY = /([a-z0-9])([A-Z])/g;
const WORD = /[a-z]+/g;

/** The memory of names is bounded: keys come from outside. */
const MAX_KNOWN = 10_000;

export const looksPersonal = remembering((name) => {
  if (name.length > MAX_NAME_LENGTH || name.includes("@")) return true;
  const words = wordsOf(name);
  return words.some(
    (word, n) => PERSONAL_WORDS.has(word) || PERSONAL_PAIRS.get(word)?.has(words[n - 1] ?? "") === true,
  );
});

/** Whether a field of that name holds what somebody wrote, which may be anything. */
export const looksWritten = remembering((name) => {
  if (name.length > MAX_NAME_LENGTH) return true;
  const words = wordsOf(name);
  return WRITTEN_WORDS.has(words.at(-1) ?? "") && !OWN_WORDS.has(words.at(-2) ?? "");
});

function wordsOf(name: string): readonly string[] {
  return name.replace(CAMEL_BOUNDARY, "$1_$2").toLowerCase().match(WORD) ?? [];
}

function remembering(judge: (name: string) => boolean): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const result = judge(name);
    if (known.size < MAX_KNOWN && name.length <= MAX_NAME_LENGTH) known.set(name, result);
    return result;
  };
}
