/**
 * What stays in main.cf though one owner has the whole of it: what the machine is called, where its Postfix lies and
 * runs as whom, with which libraries it was built, and by which release's defaults it goes. Without these a Postfix of
 * a distribution would not start, warn at each start, or look into another place for its queue and its aliases.
 */
export const installation = new Set(
    `
    compatibility_level myhostname mydomain
    mail_owner setgid_group
    command_directory config_directory daemon_directory data_directory html_directory
    manpage_directory meta_directory queue_directory readme_directory sample_directory shlib_directory
    mailq_path newaliases_path openssl_path sendmail_path cyrus_sasl_config_path
    alternate_config_directories multi_instance_directories multi_instance_enable multi_instance_group
    multi_instance_name multi_instance_wrapper
    alias_database alias_maps default_cache_db_type default_database_type
    maillog_file maillog_file_compressor maillog_file_permissions maillog_file_prefixes
    maillog_file_rotate_suffix`
        .trim()
        .split(/\s+/),
);

export const belongsToInstallation = (name: string): boolean => installation.has(name);
