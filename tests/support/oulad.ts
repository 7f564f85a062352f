import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/**
 * The Open University Learning Analytics Dataset (Kuzilek, Hlosta, Zdrahal 2017, Scientific Data 4:170171, CC BY 4.0) as
 * Rollcall's sources would send it. The files are not part of the project: set ROLLCALL_OULAD to their folder.
 */
export interface Oulad {
  readonly submissions: readonly Record<string, unknown>[];
  /** A contact per student, as the CRM exports them. */
  readonly contactsCsv: string;
  /** A row per registration. */
  readonly enrollmentsCsv: string;
  readonly studentIds: readonly string[];
}

/** Where the data may lie; the first folder that has it. */
export function findOulad(): string | null {
  const candidates = [process.env.ROLLCALL_OULAD, join(import.meta.dirname, "../../../shared/data/oulad")];
  return candidates.find((path) => path !== undefined && existsSync(join(path, "studentInfo.csv"))) ?? null;
}

type CsvRow = Readonly<Record<string, string>>;

function read(folder: string, name: string): CsvRow[] {
  return parse(readFileSync(join(folder, name)), { columns: true }) as CsvRow[];
}

/** "2013J" starts in October, "2013B" in February. */
function startOf(presentation: string): number {
  return Date.UTC(Number(presentation.slice(0, 4)), presentation.endsWith("B") ? 1 : 9, 1);
}

function csv(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${[columns, ...rows].map((row) => row.map(cell).join(",")).join("\n")}\n`;
}

export function loadOulad(folder: string): Oulad {
  const info = read(folder, "studentInfo.csv");
  const assessments = new Map(read(folder, "assessments.csv").map((row) => [row.id_assessment, row]));
  const submissions = read(folder, "studentAssessment.csv").map((row) => {
    const assessment = assessments.get(row.id_assessment) as CsvRow;
    const at = startOf(assessment.code_presentation as string) + Number(row.date_submitted) * 86_400_000;
    return {
      type: "track",
      event: "assessment_submitted",
      messageId: `oulad-${row.id_assessment}-${row.id_student}`,
      userId: row.id_student,
      timestamp: new Date(at).toISOString(),
      properties: {
        assessment_id: row.id_assessment,
        module: assessment.code_module,
        presentation: assessment.code_presentation,
        assessment_type: assessment.assessment_type,
        score: row.score === "" ? null : Number(row.score),
        is_banked: row.is_banked === "1",
        day: Number(row.date_submitted),
      },
    };
  });
  const students = [...new Map(info.map((row) => [row.id_student as string, row])).values()];
  const contactColumns = ["Id", "Student_Number__c", "Platform_User_Id__c", "MailingCountry", "LeadSource"];
  const contacts = students.map((row) => {
    const id = row.id_student as string;
    return [`003${id.padStart(12, "0")}`, id, id, "GB", "OULAD"];
  });
  const enrollmentColumns = [
    "Student_Number__c",
    "Module__c",
    "Presentation__c",
    "Status__c",
    "Result__c",
    "Credits__c",
  ];
  const enrollments = info.map((row) => [
    row.id_student as string,
    row.code_module as string,
    row.code_presentation as string,
    row.final_result === "Withdrawn" ? "Withdrawn" : "Completed",
    row.final_result as string,
    row.studied_credits as string,
  ]);
  return {
    submissions,
    contactsCsv: csv(contactColumns, contacts),
    enrollmentsCsv: csv(enrollmentColumns, enrollments),
    studentIds: students.map((row) => row.id_student as string),
  };
}
