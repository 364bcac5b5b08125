@echo off
if not exist "%~dp0..\dist\provider\main.js" (
    echo pulumi-resource-postfix: dist\provider\main.js is missing: run npm run build in %~dp0.. 1>&2
    exit /b 1
)
node "%~dp0..\dist\provider\main.js" %*
