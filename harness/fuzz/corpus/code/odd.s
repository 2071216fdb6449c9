# function: f
   ffffffffffffffff:	jmp    ffffffffffffffff <f>
   10:	jmp 10 <
   10:	jmp 10 <f>
   1ffffffffffffffff:	ret
   :	ret
   0:	 bnd
   8:	loop	8 <f>
