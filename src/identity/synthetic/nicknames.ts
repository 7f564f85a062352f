import { plainLetters } from "./spelling.js";

/** A given name and what friends and forms make of it. */
const TABLE = `alexander alex,alexandra alex,andrew andy,anthony tony,benjamin ben,catherine kate,charles charlie,
christopher chris,christina chris,daniel dan,david dave,edward ed,elizabeth liz,emily em,frederick fred,gregory greg,
isabella bella,jacob jake,james jim,jennifer jen,jessica jess,john jack,jonathan jon,joseph joe,joshua josh,katherine kate,
kathleen kath,kenneth ken,lawrence larry,margaret maggie,matthew matt,michael mike,nathan nate,nicholas nick,olivia liv,
patricia pat,patrick paddy,peter pete,rebecca becky,richard rick,robert bob,ronald ron,samantha sam,samuel sam,sarah sally,
stephen steve,steven steve,susan sue,theodore ted,thomas tom,timothy tim,victoria vicky,william bill,zachary zach,
maximilian max,sebastian basti,johannes hannes,katharina kathi,elisabeth lisa,franziska franzi,konstantin kosta,
francisco paco,jose pepe,guadalupe lupe,ignacio nacho,dolores lola,enrique quique,manuel manolo,rafael rafa,isabel isa,
eduardo edu,fernando fer,gustavo guga,leonardo leo,luiz lu,antonio toninho,gabriel gabi,gabriela gabi,felipe lipe,
aleksandra ola,aleksander olek,katarzyna kasia,malgorzata gosia,magdalena magda,agnieszka aga,krzysztof krzysiek,jakub kuba,
tomasz tomek,zofia zosia,joanna asia,barbara basia,stanislaw staszek,wojciech wojtek,frederic fred,stephane steph,
philippe phil,caroline caro,mustafa musti,ibrahim ibo,mehmet memo,abhishek abhi,aditya adi,lakshmi laxmi,krishna kris,
siddharth sid,vikram vicky,rajendra raj,mohammed mo,muhammad mo,abdullah abdul`;

const NICKNAMES: ReadonlyMap<string, string> = new Map(
  TABLE.split(",").map((row) => {
    const [name, short] = row.trim().split(" ") as [string, string];
    return [name, short.charAt(0).toUpperCase() + short.slice(1)];
  }),
);

export function nicknameOf(given: string): string | undefined {
  return NICKNAMES.get(plainLetters(given));
}
