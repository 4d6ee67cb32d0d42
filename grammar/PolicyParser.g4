// The statements of the policy language. Rules that name a single thing (`pattern`, `name`) are
// there for messages: what is missing is told by the innermost rule that could not go on.
parser grammar PolicyParser;

options { tokenVocab = PolicyLexer; }

file : (statement? lineEnd)* EOF ;

lineEnd : NEWLINE | SEMICOLON ;

statement
    : policyStatement
    | paramStatement
    | defaultStatement
    | ruleStatement
    | useStatement
    | laterStatement
    | unknownStatement
    ;

policyStatement  : POLICY name ;
paramStatement   : PARAM parameterName (EQUALS defaultValue)? ;
defaultStatement : DEFAULT (operation effect | otherOperation rest) ;
ruleStatement    : effect (operation patterns EXISTING? reason? laterModifier? | otherOperation rest) ;
useStatement     : USE moduleName ;
laterStatement   : LATER_STATEMENT (block | ~(NEWLINE | SEMICOLON | LBRACE | RBRACE))* ;
unknownStatement
    : ~(NEWLINE | SEMICOLON | POLICY | PARAM | DEFAULT | ALLOW | DENY | USE | LATER_STATEMENT) rest
    ;

name           : STRING ;
parameterName  : ATOM ;
defaultValue   : ATOM | STRING ;
effect         : ALLOW | DENY ;
operation      : READ | WRITE | CONNECT ;
otherOperation : LATER_OPERATION | ATOM ;
patterns       : pattern (COMMA NEWLINE* pattern)* ;
pattern        : ATOM | STRING ;
reason         : BECAUSE reasonText ;
reasonText     : STRING ;
laterModifier  : LATER_MODIFIER rest ;
moduleName     : ATOM | STRING ;
block          : LBRACE ~RBRACE* RBRACE ;

// What follows a word that is refused anyway.
rest : ~(NEWLINE | SEMICOLON)* ;
