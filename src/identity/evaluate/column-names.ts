import type { TraitField } from "./mapping-schema.js";

/** What a column of a file without a mapping may be, besides identifiers. */
export type ColumnRole = "truth" | "record_id" | "source" | "arrival" | "occurred_at" | DatePart | TraitField;
export type DatePart = "year" | "month" | "day";

/** What files call their columns, in small letters without accents and digits only; what the column is called in a mapping comes first. */
const NAMES: Readonly<Record<ColumnRole, string>> = {
  truth: "personid person cluster clusterid entity entityid entid trueid truth identity groupid masterid realid goldid",
  record_id: "recordid recid uniqueid rowid id",
  source: "source sourcedataset dataset feed system",
  arrival: "arrival",
  occurred_at: "occurredat",
  first_name: "firstname givenname givennames forename forenames fname gname first given vorname prenom nombre nome",
  middle_name: "middlename middlenames middle mname midlname secondname",
  last_name:
    "lastname surname familyname lname sname last family nachname nomdefamille apellido apellidos sobrenome cognome",
  full_name: "fullname name personname wholename completename",
  birth_date:
    "birthdate dateofbirth dob birthday bdate geburtsdatum gebdatum datenaissance datedenaissance fechanacimiento fechadenacimiento",
  year: "birthyear yearofbirth yob by byear dobyear geburtsjahr",
  month: "birthmonth monthofbirth mob bm bmonth dobmonth geburtsmonat",
  day: "dayofbirth birthdayofmonth bd bday dobday geburtstag",
  gender: "gender sex geschlecht sexe sexo",
  email: "email emailaddress mail emailid",
  phone: "phone phonenumber fullphone telephone telephonenumber tel mobile mobilephone cell telefon telefono",
  address:
    "address addressline streetaddress street streetname streetnumber streetno housenumber houseno housenum hausnummer strasse addr",
  city: "city town suburb locality ort stadt ville ciudad cidade placename",
  postcode: "postcode postalcode zip zipcode plz codepostal cep",
  region: "region state province county bundesland",
  country: "country countrycode nation land pays",
  institution: "institution school university college",
  programme: "programme program course",
  birth_place: "birthplace placeofbirth pob birthcity geburtsort lieunaissance",
  occupation: "occupation profession job jobtitle beruf",
  national_id: "nationalid ssn socialsecuritynumber socsecid socsec nationalinsurancenumber nino nhsnumber taxid",
};
/** Of these a file may have several columns, numbered or not, and all of them are told. */
const MANY: ReadonlySet<ColumnRole> = new Set(["first_name", "last_name", "address"]);
/** address_1, fname_c2 */
const NUMBER = /(?<=[a-z]{2})(?:c|line)?\d$/;

/** Words beside what a column is: whose or of what kind it is, or how it is written. */
const BESIDE: ReadonlySet<string> = new Set(
  "student pupil learner patient person customer contact voter res residential residence home cd code desc num nbr text fake".split(
    " ",
  ),
);

const ROLES: ReadonlyMap<string, ColumnRole> = new Map(
  Object.entries(NAMES).flatMap(([role, names]) => names.split(" ").map((name) => [name, role as ColumnRole] as const)),
);

/**
 * The columns of a header by what they are called: first_name, Prénom; where no column is called exactly so, student_first_name,
 * zip_code_desc. Where several are called alike, the first counts, or all of a name or address. Who is who is never told loosely.
 */
export function recogniseColumns(header: readonly string[]): ReadonlyMap<ColumnRole, readonly string[]> {
  const exact = columnsBy(header, (column) => roleOf(lettersOf(column)));
  const rest = header.filter((column) => roleOf(lettersOf(column)) === undefined);
  const loose = columnsBy(rest, (column) => roleOf(lettersOf(withoutBeside(column))));
  loose.delete("truth");
  return new Map([...loose, ...exact]);
}

function columnsBy(
  header: readonly string[],
  roleOfColumn: (column: string) => ColumnRole | undefined,
): Map<ColumnRole, readonly string[]> {
  const found = new Map<ColumnRole, string[]>();
  for (const column of header) {
    const role = roleOfColumn(column);
    if (role === undefined) continue;
    const columns = found.get(role);
    if (columns === undefined) found.set(role, [column]);
    else if (MANY.has(role)) columns.push(column);
  }
  return found;
}

function roleOf(name: string): ColumnRole | undefined {
  return ROLES.get(name) ?? ROLES.get(name.replace(NUMBER, ""));
}

function lettersOf(column: string): string {
  return column
    .normalize("NFKD")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function withoutBeside(column: string): string {
  const words = column.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ").split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => !BESIDE.has(word.toLowerCase())).join(" ");
}
