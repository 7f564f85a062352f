import type { TraitField } from "./mapping-schema.js";

/** What a column of a file without a mapping may be, besides identifiers. */
export type ColumnRole = "truth" | "record_id" | "source" | "arrival" | "occurred_at" | DatePart | TraitField;
export type DatePart = "year" | "month" | "day";

/** What files call their columns, in small letters and digits only; what the column is called in a mapping comes first. */
const NAMES: Readonly<Record<ColumnRole, string>> = {
  truth: "personid person cluster clusterid entity entityid entid trueid truth identity groupid masterid realid goldid",
  record_id: "recordid recid uniqueid rowid id",
  source: "source sourcedataset dataset feed system",
  arrival: "arrival",
  occurred_at: "occurredat",
  first_name: "firstname givenname givennames forename forenames fname gname first given vorname prenom nombre nome",
  middle_name: "middlename middlenames middle mname secondname",
  last_name:
    "lastname surname familyname lname sname last family nachname nomdefamille apellido apellidos sobrenome cognome",
  full_name: "fullname name personname wholename completename",
  birth_date: "birthdate dateofbirth dob birthday bdate geburtsdatum datenaissance fechanacimiento",
  year: "birthyear yearofbirth yob by byear dobyear geburtsjahr",
  month: "birthmonth monthofbirth mob bm bmonth dobmonth geburtsmonat",
  day: "dayofbirth birthdayofmonth bd bday dobday geburtstag",
  gender: "gender sex geschlecht sexe sexo",
  email: "email emailaddress mail emailid",
  phone: "phone phonenumber telephone telephonenumber tel mobile mobilephone cell telefon",
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

const ROLES: ReadonlyMap<string, ColumnRole> = new Map(
  Object.entries(NAMES).flatMap(([role, names]) => names.split(" ").map((name) => [name, role as ColumnRole] as const)),
);

/** The columns of a header by what they are called. Where several are called alike, the first counts, or all of a name or address. */
export function recogniseColumns(header: readonly string[]): ReadonlyMap<ColumnRole, readonly string[]> {
  const found = new Map<ColumnRole, string[]>();
  for (const column of header) {
    const name = column.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    const role = ROLES.get(name) ?? ROLES.get(name.replace(NUMBER, ""));
    if (role === undefined) continue;
    const columns = found.get(role);
    if (columns === undefined) found.set(role, [column]);
    else if (MANY.has(role)) columns.push(column);
  }
  return found;
}
