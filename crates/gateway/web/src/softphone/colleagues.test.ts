import { expect, test } from "vitest";
import { meant, theOne } from "./colleagues";

const colleague = (key: string, name: string, extension: string) => ({ key, name, extension, state: undefined });
const all = [colleague("ann", "Ann Abel", "201"), colleague("bob", "Bob Brook", "202"), colleague("cy", "Cy Bell", "")];
const names = (text: string) => meant(all, text).map((each) => each.key);

test("colleagues are found by name, key and the beginning of the extension", () => {
  expect([names(""), names("be"), names("20"), names("202"), names("+4420")]).toEqual([["ann", "bob", "cy"], ["ann", "cy"], ["ann", "bob"], ["bob"], []]);
});

test("digits mean a colleague only as a whole extension, letters the first name like them", () => {
  expect([theOne(all, "202")?.key, theOne(all, "20")?.key, theOne(all, "bro")?.key, theOne(all, "+202")?.key, theOne(all, " ")?.key]).toEqual(["bob", undefined, "bob", undefined, undefined]);
});
