--[[
@script echo
@does   Answers its arguments, to show what arrives.
@key    first
@key    second
@arg    text     string
@arg    whole    integer
@arg    real     number
@arg    note     string?
@arg    size     integer?
@reply  echoed(keys:string[], text:string, whole:integer, real:number, note:string?, size:integer?, kinds:string[])
]]
local kinds = { type(text), type(whole), type(real), type(note), type(size) }
return { 'echoed', { first, second }, text, whole, string.format('%.17g', real), note or false, size or false, kinds }
