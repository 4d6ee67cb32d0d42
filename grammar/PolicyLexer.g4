// The words of the policy language. The text comes with one character for each byte, and with a
// newline before and after it, so that its first and its last line are like any other.
lexer grammar PolicyLexer;

// Empty lines are part of the line end before them. So is a comment at the start of a line, and any
// other of the whitespace before it: a `#` that follows anything else is part of an atom.
NEWLINE   : ('\n' ('#' ~[\n]*)?)+ ;
SPACE     : Whitespace+ -> channel(HIDDEN) ;
COMMENT   : Whitespace+ '#' ~[\n]* -> channel(HIDDEN) ;

SEMICOLON : ';' ;
COMMA     : ',' ;
EQUALS    : '=' ;
COLON     : ':' ;
LBRACE    : '{' ;
RBRACE    : '}' ;

// Reserved, with what they are for; compiler/ir/reserved_words.h has them once more.
POLICY    : 'policy' ;
PARAM     : 'param' ;
LET       : 'let' ;
DEFAULT   : 'default' ;
ALLOW     : 'allow' ;
DENY      : 'deny' ;
USE       : 'use' ;
SET       : 'set' ;
LIMIT     : 'limit' ;
OPTION    : 'option' ;
EXPECT    : 'expect' ;
ON        : 'on' ;

READ      : 'read' ;
WRITE     : 'write' ;
CONNECT   : 'connect' ;
BIND      : 'bind' ;
UNIX      : 'unix' ;
ENV       : 'env' ;
SYSCALL   : 'syscall' ;
MACH      : 'mach' ;

EXCEPT    : 'except' ;
WITHIN    : 'within' ;
EXISTING  : 'existing' ;
PUBLISH   : 'publish' ;
TLS_NAME  : 'tls-name' ;
BECAUSE   : 'because' ;
ACCEPT    : 'accept' ;

STRING          : '"' ('\\' ~[\n] | ~["\\\n])* '"' ;
UNCLOSED_STRING : '"' ('\\' ~[\n] | ~["\\\n])* '\\'? ;

// Whatever is written without quotes: paths, hosts, names. Commas and semicolons end it, but not
// inside braces.
ATOM : (AtomByte | Escape | Group)+ ;

fragment Whitespace : [ \t\r\f\u000B] ;
fragment AtomByte   : ~[ \t\r\n\f\u000B",;{}\\] ;
fragment Escape     : '\\' ~[ \t\r\n\f\u000B]? ;
fragment Group      : '{' (~[ \t\r\n\f\u000B"{}\\] | Escape | Group)* '}' ;
