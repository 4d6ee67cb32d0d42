// The statements of the policy language. Rules that name a single thing (`pattern`, `name`) are
// there for messages: what is missing is told by the innermost rule that could not go on. Words that
// mean something in one place only (`linux`, `memory`, `any`) are atoms; which there are is no
// business of the grammar.
parser grammar PolicyParser;

options { tokenVocab = PolicyLexer; }

file : ((statement | onStatement | strayBrace)? lineEnd)* EOF ;

lineEnd : NEWLINE | SEMICOLON ;

statement
    : policyStatement
    | paramStatement
    | letStatement
    | defaultStatement
    | ruleStatement
    | useStatement
    | ceilingStatement
    | setStatement
    | limitStatement
    | optionStatement
    | expectStatement
    | unknownStatement
    ;

onStatement : ON target block ;
block       : LBRACE lineEnd* (blockStatement (lineEnd+ blockStatement)* lineEnd*)? RBRACE ;
// A block within a block is read in order to be refused, and not by recursion.
blockStatement : statement | nestedBlock ;
nestedBlock    : ON rest ;

policyStatement  : POLICY name ;
// `param branch: text`: the colon is mostly the last byte of the atom before it.
paramStatement   : PARAM parameterName (COLON? parameterType)? (EQUALS defaultValue)? ;
letStatement     : LET letName EQUALS patterns ;
defaultStatement : DEFAULT (operation effect | otherOperation rest) ;
ruleStatement    : effect (operation patterns modifiers | otherOperation rest) ;
useStatement     : USE moduleName ;
ceilingStatement : WITHIN ceilingName ;
setStatement     : SET ENV variableName EQUALS variableValue ;
limitStatement   : LIMIT limitEntry (COMMA NEWLINE* limitEntry)* ;
optionStatement  : OPTION optionName (EQUALS optionValue)? ;
expectStatement  : EXPECT effect (operation subject | otherOperation rest) ;
unknownStatement
    : ~( NEWLINE | SEMICOLON | RBRACE | POLICY | PARAM | LET | DEFAULT | ALLOW | DENY | USE | SET
       | LIMIT | OPTION | EXPECT | ON | WITHIN )
      rest
    ;
strayBrace       : RBRACE rest ;

modifiers  : exceptions? enclosure? EXISTING? PUBLISH? tlsName? reason? acceptance? ;
exceptions : EXCEPT patterns ;
enclosure  : WITHIN patterns ;
tlsName    : TLS_NAME tlsNameValue ;
reason     : BECAUSE reasonText ;
acceptance : ACCEPT accepted (ON target)? acceptanceReason ;
acceptanceReason : BECAUSE reasonText ;

name           : STRING ;
parameterName  : ATOM ;
parameterType  : ATOM ;
defaultValue   : ATOM | STRING ;
letName        : ATOM ;
effect         : ALLOW | DENY ;
operation      : READ | WRITE | CONNECT | BIND | UNIX | ENV | SYSCALL | MACH ;
otherOperation : ATOM ;
patterns       : pattern (COMMA NEWLINE* pattern)* ;
pattern        : ATOM | STRING ;
subject        : ATOM | STRING ;
tlsNameValue   : ATOM ;
accepted       : ATOM ;
reasonText     : STRING ;
moduleName     : ATOM | STRING ;
ceilingName    : ATOM | STRING ;
variableName   : ATOM | STRING ;
variableValue  : STRING ;
limitEntry     : limitName limitValue ;
limitName      : ATOM ;
limitValue     : ATOM ;
optionName     : ATOM ;
optionValue    : ATOM | STRING ;
target         : ATOM ;

// What follows a word that is refused anyway.
rest   : (~(NEWLINE | SEMICOLON | LBRACE | RBRACE) | braced)* ;
braced : LBRACE ~RBRACE* RBRACE ;
