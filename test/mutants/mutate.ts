import ts from "typescript";

/** One change of one reading rule. */
export interface Mutant {
  /** From the project's folder. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The function or constant in which it stands. */
  readonly within: string;
  /** The whole condition or statement as it is, and as it becomes: spaces and line ends are one space. */
  readonly from: string;
  readonly to: string;
  /** What of the file is replaced, and by what. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const strictness: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
]);
const equality: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
]);
/** By how much a bound moves that `<` against `<=` doesn't move already. */
const farther: ReadonlyMap<ts.SyntaxKind, number> = new Map([
  [ts.SyntaxKind.LessThanToken, -1],
  [ts.SyntaxKind.LessThanEqualsToken, 1],
  [ts.SyntaxKind.GreaterThanToken, 1],
  [ts.SyntaxKind.GreaterThanEqualsToken, -1],
]);
/** Checks that hand back what they are given. */
const shapes: ReadonlySet<string> = new Set([
  "asTuple",
  "asList",
  "asInteger",
  "asBytes",
  "asText",
  "asBoolean",
  "asKeyField",
  "asAscending",
]);

/**
 * All changes of one file: each refusal left out, each operand of `&&`, `||` and `??`, each
 * comparison moved by one, each other condition turned round, each bound moved by one.
 * @param isWriting - declarations that are left as they are.
 */
export function mutantsOf(
  file: string,
  text: string,
  isWriting: (name: string) => boolean,
): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants = new Map<string, Mutant>();

  const add = (node: ts.Node, replacement: string): void => {
    const [start, end] = [node.getStart(source), node.getEnd()];
    const whole = shownAround(node);
    const [wholeStart, wholeEnd] = [whole.getStart(source), whole.getEnd()];
    const from = text.slice(wholeStart, wholeEnd);
    const to = text.slice(wholeStart, start) + replacement + text.slice(end, wholeEnd);
    const changed = text.slice(0, start) + replacement + text.slice(end);
    if (mutants.has(changed)) return;
    mutants.set(changed, {
      file,
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      within: nameAround(node),
      from: oneLine(from),
      to: oneLine(to),
      start,
      end,
      text: replacement,
    });
  };

  const visit = (node: ts.Node): void => {
    const name = nameOf(node);
    if (name !== undefined && isWriting(name)) return;
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node))
      return;
    mutate(node, add, source);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...mutants.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}

function mutate(
  node: ts.Node,
  add: (node: ts.Node, replacement: string) => void,
  source: ts.SourceFile,
): void {
  const textOf = (part: ts.Node): string => `(${part.getText(source)})`;
  if (ts.isIfStatement(node)) {
    if (refuses(node.thenStatement)) add(node.expression, "false");
    else if (node.elseStatement !== undefined && refuses(node.elseStatement)) {
      add(node.expression, "true");
    } else if (isRefusal(nextOf(node))) add(node.expression, "true");
  } else if (isRefusal(node) && !ts.isIfStatement(node.parent) && !isOnlyOfIf(node)) {
    add(node, ";");
  } else if (ts.isConditionalExpression(node)) {
    if (isRefuser(node.whenFalse)) add(node, textOf(node.whenTrue));
    if (isRefuser(node.whenTrue)) add(node, textOf(node.whenFalse));
  } else if (ts.isExpressionStatement(node) && isCheck(node.expression)) add(node, ";");
  else if (ts.isCallExpression(node) && !ts.isExpressionStatement(node.parent)) {
    const [first] = node.arguments;
    const name = calleeName(node);
    const isShape = name !== undefined && shapes.has(name);
    if (first !== undefined && (isShape || isCheck(node))) add(node, textOf(first));
  }

  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    const other = strictness.get(operatorToken.kind) ?? equality.get(operatorToken.kind);
    if (other !== undefined) add(operatorToken, other);
    const step = farther.get(operatorToken.kind);
    if (step !== undefined && isNumber(right)) add(right, moved(right, step, source));
    if (
      operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken ||
      operatorToken.kind === ts.SyntaxKind.BarBarToken ||
      operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken
    ) {
      if (!isOnlyForTypes(node)) add(node, textOf(left));
      if (!isRefuser(right)) add(node, textOf(right));
    }
  }
  const condition = conditionOf(node);
  if (condition !== undefined && isPlain(condition)) add(condition, `!${textOf(condition)}`);
  if (isBound(node)) for (const step of [1, -1]) add(node, moved(node, step, source));
}

/** `bytes[31] ?? 0`: an index that is there, as the types can't know. */
function isOnlyForTypes({ left, operatorToken, right }: ts.BinaryExpression): boolean {
  const isFallback = operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;
  return isFallback && ts.isElementAccessExpression(left) && isNumber(right);
}

/** What a condition of several parts is made of, where no operator of it is changed. */
function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) return node.expression;
  if (ts.isConditionalExpression(node)) return node.condition;
  return undefined;
}

function isPlain(condition: ts.Expression): boolean {
  return !ts.isBinaryExpression(condition);
}

/** A number by which something is bounded: a constant, a default, an argument of a check. */
function isBound(node: ts.Node): node is ts.Expression {
  if (!ts.isExpression(node) || !isNumber(node)) return false;
  const { parent } = node;
  if (ts.isParameter(parent)) return true;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return isTop(parent);
  if (!ts.isCallExpression(parent)) return false;
  const name = calleeName(parent);
  return name !== undefined && /^(?:as|check)[A-Z]/.test(name);
}

/** Whether something stands in no function. */
function isTop(node: ts.Node): boolean {
  return ts.findAncestor(node, ts.isFunctionLike) === undefined;
}

/** A number written out, or reckoned from such. */
function isNumber(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node)) return true;
  if (ts.isPrefixUnaryExpression(node) || ts.isParenthesizedExpression(node)) {
    return isNumber(ts.isParenthesizedExpression(node) ? node.expression : node.operand);
  }
  return ts.isBinaryExpression(node) && isNumber(node.left) && isNumber(node.right);
}

function moved(node: ts.Expression, step: number, source: ts.SourceFile): string {
  return `(${node.getText(source)} ${step > 0 ? "+" : "-"} 1)`;
}

/** Whether a statement comes to a refusal: by throwing, or by giving nothing back. */
function refuses(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  if (last === undefined) return false;
  return isRefusal(last) || (ts.isReturnStatement(last) && isNothing(last.expression));
}

function isNothing(value: ts.Expression | undefined): boolean {
  if (value === undefined) return true;
  if (ts.isIdentifier(value)) return value.text === "undefined";
  return value.kind === ts.SyntaxKind.FalseKeyword || value.kind === ts.SyntaxKind.NullKeyword;
}

function isRefusal(node: ts.Node | undefined): boolean {
  if (node === undefined) return false;
  if (ts.isThrowStatement(node)) return true;
  if (!ts.isExpressionStatement(node) && !ts.isReturnStatement(node)) return false;
  return node.expression !== undefined && isRefuser(node.expression);
}

/** Whether an expression is a call that never comes back. */
function isRefuser(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isRefuser(node.expression);
  return ts.isCallExpression(node) && /^refus(?:e|al)/.test(calleeName(node) ?? "");
}

/** Whether an expression is a call that throws unless something holds. */
function isCheck(node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node)) return isCheck(node.expression);
  return ts.isCallExpression(node) && /^check[A-Z]/.test(calleeName(node) ?? "");
}

function calleeName({ expression }: ts.CallExpression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
}

/** Whether a statement is all that the block of an `if` comes to: leaving out the `if` is enough. */
function isOnlyOfIf(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isBlock(parent) && ts.isIfStatement(parent.parent) && parent.statements.at(-1) === node;
}

function nextOf(node: ts.Statement): ts.Statement | undefined {
  const { parent } = node;
  if (!ts.isBlock(parent) && !ts.isCaseOrDefaultClause(parent)) return undefined;
  return parent.statements[parent.statements.indexOf(node) + 1];
}

function nameOf(node: ts.Node): string | undefined {
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isVariableDeclaration(node);
  return isNamed ? node.name?.getText() : undefined;
}

function nameAround(node: ts.Node): string {
  const around = ts.findAncestor(node, (each) => nameOf(each) !== undefined);
  return (around && nameOf(around)) ?? "";
}

/** The largest expression around a node, or the statement that it is: what is shown of a change. */
function shownAround(node: ts.Node): ts.Node {
  let shown = node;
  for (let around = node.parent; ; around = around.parent) {
    const isWhole = ts.isExpression(around) && !ts.isFunctionLike(around);
    const isEnough =
      shown !== node || ts.isStatement(node) || ts.isIterationStatement(around, false);
    if (!isWhole) return isEnough ? shown : around;
    shown = around;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ");
}
