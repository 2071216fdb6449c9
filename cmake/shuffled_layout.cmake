# cmake -DMAP=NAME.map -DSEED=k -DSCRIPT=out.ld -P shuffled_layout.cmake
# Writes a script for GNU ld that lays the functions of an executable, as its link map names their
# sections, in an order and at places that depend on the seed and the names alone: four seeds in
# succession start a function at each quarter of a cache line. INSERT leaves the rest of the linker's
# own script in force, and with it where cold and start-up code goes.

file(STRINGS ${MAP} lines REGEX "^ \\.text\\.[^ ]+")
list(TRANSFORM lines REPLACE "^ (\\.text\\.[^ ]+).*" "\\1" OUTPUT_VARIABLE sections)
list(FILTER sections EXCLUDE REGEX "^\\.text\\.(hot|unlikely|startup|exit)(\\.|$)")
list(REMOVE_DUPLICATES sections)
if(NOT sections)
  message(FATAL_ERROR "${MAP}: no function has a section of its own; compile with -ffunction-sections")
endif()

# Sorting by a hash shuffles alike on every machine; random numbers of the C library would not.
set(keyed "")
foreach(section IN LISTS sections)
  string(SHA256 key "${SEED} ${section}")
  list(APPEND keyed "${key}${section}")
endforeach()
list(SORT keyed)

set(placed "")
foreach(item IN LISTS keyed)
  string(SUBSTRING ${item} 64 -1 section)
  string(SHA256 of_name "${section}")
  string(SUBSTRING ${of_name} 63 1 digit)
  math(EXPR quarter "(0x${digit} + ${SEED}) % 4 * 16")
  string(APPEND placed "    . = ALIGN(64) + ${quarter};\n    *(${section})\n")
endforeach()
# SUBALIGN takes the place of the sections' own alignment, so that functions leave the 64-byte
# boundaries that they are compiled for.
file(WRITE ${SCRIPT}
  "SECTIONS\n{\n  .text.layout : ALIGN(64) SUBALIGN(16)\n  {\n${placed}  }\n}\nINSERT AFTER .text;\n")
