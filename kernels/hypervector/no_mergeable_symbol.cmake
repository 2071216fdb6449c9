# cmake -DNM=... -DOBJECTS="a.o;b.o" [-DRENAMED=name] -P no_mergeable_symbol.cmake
# Fails when an object defines a weak or unique symbol. DW.ref.* are the compiler's own pointers, the
# same whatever the flags; symbols with RENAMED in them are the object's own.
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} --defined-only ${object}
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[0-9a-f]+ V DW\\.ref\\.[^\n]+" "" symbols "${symbols}")
  string(REGEX MATCHALL "[0-9a-f]+ [WVu] [^\n]+" mergeable "${symbols}")
  if(RENAMED)
    list(FILTER mergeable EXCLUDE REGEX "${RENAMED}")
  endif()
  if(mergeable)
    message(SEND_ERROR "${object} defines: ${mergeable}")
  endif()
endforeach()
