# cmake -DOUT=FILE.cpp -DFILES="page/a.html;..." -P Embed.cmake: files as the table of Page.h.
set(bytes "")
set(rows "")
set(number 0)
foreach(file IN LISTS FILES)
  file(READ ${file} content HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," content "${content}")
  get_filename_component(name ${file} NAME)
  string(APPEND bytes "const unsigned char file${number}[] = {${content}};\n")
  string(APPEND rows "  {\"${name}\", {reinterpret_cast<const char *>(file${number}), sizeof file${number}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "#include \"label/Page.h\"\n\nnamespace nncc::label {\n\nnamespace {\n\n${bytes}\n"
  "const PageFile files[] = {\n${rows}};\n\n}  // namespace\n\n"
  "const std::span<const PageFile> pageFiles = files;\n\n}  // namespace nncc::label\n")
