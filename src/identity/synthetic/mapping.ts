/** The mapping file of the CSV, for `rollcall identity evaluate`: which column is the truth, an identifier, a trait. */
export const MAPPING_YAML = `# Columns of a file that rollcall identity generate wrote. The truth is person_id; trap and household_id are left out:
# they are for reading results, not for matching.
truth: person_id
record_id: record_id
source: feed
arrival: ingested_order
occurred_at: occurred_at
# Of phone numbers without a country code.
region: GB
# An event stands under the strongest identifier it has.
owner: strongest
identifiers:
  - { column: user_id, type: user_id }
  - { column: student_number, type: student_number }
  - { column: crm_id, type: salesforce_contact_id }
  - { column: lead_id, type: salesforce_lead_id }
  - { column: email, type: email }
  - { column: phone, type: phone }
  - { column: device_id, type: device_id }
  - { column: anonymous_id, type: anonymous_id }
traits:
  first_name: first_name
  last_name: last_name
  full_name: full_name
  birth_date: birth_date
  address: address
  city: city
  postcode: postcode
  country: country
  institution: institution
  programme: programme
`;
