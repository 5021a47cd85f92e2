# SPDX-License-Identifier: Apache-2.0
#
# A room is a small library: what it links is its line in the layering table,
# so the tests of core/ link no SQLite and no protobuf, and prove it.

# What all our own sources are compiled with.
add_library(loyalty_flags INTERFACE)
target_compile_features(loyalty_flags INTERFACE cxx_std_20)
target_compile_options(loyalty_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow
  $<$<BOOL:${LOYALTY_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # g++ 12 warns falsely about "text" + std::string in C++20, and about moving
  # a std::variant or std::optional, of which it thinks it may be another one.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-maybe-uninitialized>)
target_link_options(loyalty_flags INTERFACE -Wl,--as-needed)

# Generated code included: a sanitizer has to see all of it.
if(LOYALTY_SANITIZE)
  add_compile_options(-fsanitize=${LOYALTY_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LOYALTY_SANITIZE})
endif()

# What the command and the benchmarks take memory from, if it is there. A library
# leaves that to whoever links it; sanitizers have their own. What it is worth
# stands in bench/README.md.
add_library(loyalty_allocator INTERFACE)
find_library(TCMALLOC tcmalloc_minimal)
if(TCMALLOC AND NOT LOYALTY_SANITIZE)
  target_link_libraries(loyalty_allocator INTERFACE ${TCMALLOC})
endif()

# loyalty_room(NAME [ALONE] SOURCES FILE... [MAY_USE ROOM...]
#              [LINKS TARGET...])
# SOURCES are relative to lib/. One that stands ALONE is installed as a library
# of its own, which `loyalty` links; its public headers are in include/.
function(loyalty_room name)
  cmake_parse_arguments(ROOM "ALONE" "" "SOURCES;MAY_USE;LINKS" ${ARGN})
  list(TRANSFORM ROOM_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/lib/)
  list(TRANSFORM ROOM_MAY_USE PREPEND loyalty_)
  if(ROOM_ALONE)
    loyalty_library(loyalty_${name} ${ROOM_SOURCES})
    set_target_properties(loyalty_${name} PROPERTIES EXPORT_NAME ${name})
    target_include_directories(loyalty_${name} PRIVATE
      ${PROJECT_SOURCE_DIR}/lib)
    set_property(GLOBAL APPEND PROPERTY LOYALTY_LINKS loyalty_${name})
    set_property(GLOBAL PROPERTY LOYALTY_LINKS_OF_${name} ${ROOM_LINKS})
  else()
    add_library(loyalty_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(loyalty_${name} PUBLIC
      ${PROJECT_SOURCE_DIR}/lib ${PROJECT_SOURCE_DIR}/include)
    # The library `loyalty` is made of the rooms, and links what they link.
    set_property(GLOBAL APPEND PROPERTY LOYALTY_ROOMS loyalty_${name})
    set_property(GLOBAL APPEND PROPERTY LOYALTY_LINKS ${ROOM_LINKS})
  endif()
  add_library(loyalty::${name} ALIAS loyalty_${name})
  set_target_properties(loyalty_${name} PROPERTIES
    CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(loyalty_${name}
    PUBLIC ${ROOM_MAY_USE} ${ROOM_LINKS}
    PRIVATE $<BUILD_INTERFACE:loyalty_flags>)
endfunction()

# loyalty_library(NAME SOURCE...)
# What users link: static, unless BUILD_SHARED_LIBS says otherwise.
function(loyalty_library name)
  add_library(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    INSTALL_RPATH $ORIGIN)
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  target_link_options(${name} PRIVATE -Wl,--as-needed)
endfunction()

# loyalty_program(NAME SOURCES FILE... LINKS TARGET...)
# An executable built as strictly as the library.
function(loyalty_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE ${PROGRAM_LINKS} loyalty_flags)
endfunction()

# loyalty_test(NAME SOURCES FILE... ROOMS ROOM... [LINKS TARGET...] [SLOW])
# One binary a room: tests_NAME. SOURCES are relative to the current folder.
#
# Each test finds in its environment LOYALTY_SOURCE, this repository;
# LOYALTY_BIN, the folder with this build's executables; and LOYALTY_SHARED, the
# folder with real data, which may be absent: such tests are skipped then.
function(loyalty_test name)
  cmake_parse_arguments(TEST "SLOW" "" "SOURCES;ROOMS;LINKS" ${ARGN})
  list(TRANSFORM TEST_ROOMS PREPEND loyalty_)
  loyalty_program(tests_${name}
    SOURCES ${TEST_SOURCES}
    LINKS ${TEST_ROOMS} ${TEST_LINKS} GTest::gmock GTest::gtest_main)
  # Helpers of two test files may share a name.
  set_target_properties(tests_${name} PROPERTIES UNITY_BUILD OFF)
  target_include_directories(tests_${name} PRIVATE
    ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/lib)

  # A test a process: ctest reports each one by name.
  gtest_discover_tests(tests_${name} TEST_PREFIX ${name}.
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS $<IF:$<BOOL:${TEST_SLOW}>,slow,fast> TIMEOUT 600)

  # A file that ctest reads after the list of tests, since the function above
  # takes no property that is a list.
  set(environment ${CMAKE_CURRENT_BINARY_DIR}/tests_${name}_environment.cmake)
  file(WRITE ${environment} "\
if(DEFINED ENV{LOYALTY_SHARED})
  set(shared \"\$ENV{LOYALTY_SHARED}\")
else()
  set(shared \"${PROJECT_SOURCE_DIR}/../shared\")
endif()
if(tests_${name}_TESTS)
  set_tests_properties(\${tests_${name}_TESTS} PROPERTIES ENVIRONMENT
    \"LOYALTY_SOURCE=${PROJECT_SOURCE_DIR};LOYALTY_BIN=${CMAKE_BINARY_DIR}/bin;LOYALTY_SHARED=\${shared}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${environment})
endfunction()
