# Adding the library changes nothing in the project that adds it: between
# clean_parent_begin() and clean_parent_end() no variable of CMake gets another
# value, no directory property, no option without our prefix, no test and no
# target but the library.

set(clean_parent_properties COMPILE_DEFINITIONS COMPILE_OPTIONS
  INCLUDE_DIRECTORIES LINK_DIRECTORIES LINK_OPTIONS TESTS)

macro(clean_parent_begin)
  get_cmake_property(clean_cache CACHE_VARIABLES)
  get_cmake_property(clean_variables VARIABLES)
  list(FILTER clean_variables INCLUDE REGEX "^(CMAKE|BUILD|C|CXX)_")
  foreach(variable IN LISTS clean_variables)
    set(clean_value_${variable} "${${variable}}")
  endforeach()
  foreach(property IN LISTS clean_parent_properties)
    get_directory_property(clean_value_${property} ${property})
  endforeach()
endmacro()

macro(clean_parent_end library_directory)
  get_cmake_property(clean_variables_after VARIABLES)
  list(FILTER clean_variables_after INCLUDE REGEX "^(CMAKE|BUILD|C|CXX)_")
  foreach(variable IN LISTS clean_variables_after)
    if(NOT "${${variable}}" STREQUAL "${clean_value_${variable}}")
      message(SEND_ERROR "${variable} was changed to '${${variable}}'")
    endif()
  endforeach()

  foreach(property IN LISTS clean_parent_properties)
    get_directory_property(clean_value ${property})
    if(NOT "${clean_value}" STREQUAL "${clean_value_${property}}")
      message(SEND_ERROR "${property} was changed to '${clean_value}'")
    endif()
  endforeach()

  # <project>_SOURCE_DIR and the like come from project() itself.
  get_cmake_property(clean_cache_after CACHE_VARIABLES)
  list(REMOVE_ITEM clean_cache_after ${clean_cache})
  list(FILTER clean_cache_after EXCLUDE REGEX
    "^(ASYNC_|FETCHCONTENT_|async_(BINARY_DIR|SOURCE_DIR|IS_TOP_LEVEL)$)")
  if(clean_cache_after)
    message(SEND_ERROR "new in the cache: ${clean_cache_after}")
  endif()

  get_property(clean_tests DIRECTORY ${library_directory} PROPERTY TESTS)
  if(clean_tests)
    message(SEND_ERROR "tests were added: ${clean_tests}")
  endif()
  get_property(clean_targets DIRECTORY ${library_directory}
    PROPERTY BUILDSYSTEM_TARGETS)
  if(NOT clean_targets STREQUAL "async")
    message(SEND_ERROR "the library's targets are: ${clean_targets}")
  endif()
  get_property(clean_folders DIRECTORY ${library_directory}
    PROPERTY SUBDIRECTORIES)
  if(clean_folders)
    message(SEND_ERROR "the library added: ${clean_folders}")
  endif()
  if(ASYNC_INSTALL OR ASYNC_TESTS)
    message(SEND_ERROR "options for the library's own project are on")
  endif()
endmacro()
