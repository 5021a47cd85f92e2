# SPDX-License-Identifier: Apache-2.0
#
# Installs the library so that other projects find it, by CMake's
#   find_package(loyalty CONFIG REQUIRED)                 ->  loyalty::loyalty
#   find_package(loyalty CONFIG REQUIRED COMPONENTS cel)  ->  loyalty::cel
# or by  pkg-config --cflags --libs loyalty,  or  loyalty_cel.  tests/consumer
# does all of it.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

foreach(library loyalty loyalty_cel)
  install(TARGETS ${library} EXPORT ${library}Targets
          INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/loyalty
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# CMake.
set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/loyalty)
foreach(library loyalty loyalty_cel)
  install(EXPORT ${library}Targets NAMESPACE loyalty::
          DESTINATION ${config_dir})
endforeach()
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/loyaltyConfig.cmake.in
  ${PROJECT_BINARY_DIR}/loyaltyConfig.cmake
  INSTALL_DESTINATION ${config_dir})
# 0.x promises nothing across minor versions.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/loyaltyConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/loyaltyConfig.cmake
              ${PROJECT_BINARY_DIR}/loyaltyConfigVersion.cmake
        DESTINATION ${config_dir})

# pkg-config. Sets `out` to the modules that are the same as `targets`.
function(pkg_config_names out targets)
  set(names)
  foreach(target ${targets})
    if(target MATCHES "^absl::(.+)$")
      list(APPEND names absl_${CMAKE_MATCH_1})
    elseif(target STREQUAL "protobuf::libprotobuf")
      list(APPEND names protobuf)
    elseif(target STREQUAL "SQLite::SQLite3")
      list(APPEND names sqlite3)
    elseif(target STREQUAL "simdjson::simdjson")
      list(APPEND names simdjson)
    elseif(target STREQUAL "PkgConfig::re2")
      list(APPEND names re2)
    elseif(target STREQUAL "OpenSSL::Crypto")
      list(APPEND names libcrypto)
    elseif(target STREQUAL "loyalty_cel")
      list(APPEND names loyalty_cel)
    elseif(NOT target STREQUAL "Threads::Threads")  # -pthread: loyalty.pc.in
      message(FATAL_ERROR "cmake/Install.cmake does not know what pkg-config "
                          "calls ${target}. Add a line there.")
    endif()
  endforeach()
  list(JOIN names ", " names)
  set(${out} "${names}" PARENT_SCOPE)
endfunction()

# The prefix is where the file lies, so an installed tree may be moved.
file(RELATIVE_PATH LOYALTY_PC_PREFIX
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" LOYALTY_PC_PREFIX "${LOYALTY_PC_PREFIX}")

# install_pkg_config(NAME DESCRIPTION PUBLIC_LINKS PRIVATE_LINKS)
function(install_pkg_config LOYALTY_PC_NAME LOYALTY_PC_DESCRIPTION public
         private)
  if(NOT BUILD_SHARED_LIBS)
    # Who links an archive links all that it needs, without having to say
    # --static.
    list(APPEND public ${private})
    set(private)
  endif()
  pkg_config_names(LOYALTY_PC_REQUIRES "${public}")
  pkg_config_names(LOYALTY_PC_REQUIRES_PRIVATE "${private}")
  set(file ${PROJECT_BINARY_DIR}/${LOYALTY_PC_NAME}.pc)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/loyalty.pc.in ${file} @ONLY)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

get_property(public_links GLOBAL PROPERTY LOYALTY_PUBLIC_LINKS)
get_property(private_links GLOBAL PROPERTY LOYALTY_PRIVATE_LINKS)
install_pkg_config(loyalty "${PROJECT_DESCRIPTION}"
                   "${public_links}" "${private_links}")
get_property(links GLOBAL PROPERTY LOYALTY_LINKS_OF_cel)
install_pkg_config(loyalty_cel "Google's Common Expression Language"
                   "${links}" "")
