// The macros state in JSDoc what the data files hold: inferred from the files, a list of words would be any text.
declare module "*.json";
